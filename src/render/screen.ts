import picocolors from 'picocolors';

/** Where text goes to, and what may be done to it. */
export interface Screen {
  readonly colors: ReturnType<typeof picocolors.createColors>;
}

interface Terminal {
  readonly isTTY?: boolean;
}

/** Colour only on a terminal, unless FORCE_COLOR; never with NO_COLOR (no-color.org). */
export function screenOf(stream: Terminal, env: NodeJS.ProcessEnv = process.env): Screen {
  const wanted = env.FORCE_COLOR ? env.FORCE_COLOR !== '0' : stream.isTTY === true;
  return {colors: picocolors.createColors(wanted && !env.NO_COLOR && env.TERM !== 'dumb')};
}
