/** Where a failed assertion leaves what it said: message, file (both strings or 0), line. */
const NOTE: usize = memory.data(16, 8);

/**
 * Takes the place of AssemblyScript's `env.abort` import, so that the module imports nothing.
 * Reached only by a failed assertion of the core's own. It allocates nothing, since it may be
 * called for want of memory.
 */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  store<usize>(NOTE, changetype<usize>(message));
  store<usize>(NOTE, changetype<usize>(file), 4);
  store<u32>(NOTE, line, 8);
  unreachable();
}

/** Whether an assertion has failed in this instance. */
export function aborted(): bool {
  return load<u32>(NOTE, 8) != 0;
}

/** What the failed assertion said, and where. */
export function abortText(): string {
  const message = load<usize>(NOTE);
  const file = load<usize>(NOTE, 4);
  const what = message == 0 ? 'assertion failed' : changetype<string>(message);
  const where = file == 0 ? '' : changetype<string>(file);
  return `${what} (${where}:${load<u32>(NOTE, 8)})`;
}
