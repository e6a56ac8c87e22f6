/** What a failed assertion of the core said; read by the host after the trap. */
@final
export class CoreBug {
  message: string = '';
}

export const coreBug = new CoreBug();
