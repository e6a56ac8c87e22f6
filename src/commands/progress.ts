/**
 * Shows on standard error that something is going on; nothing if that is no terminal, or one
 * without a width, as a serial line: ora would clear ceil(text / 0) lines there, without end.
 */
export function withProgress<Result>(text: string, action: () => Promise<Result>): Promise<Result> {
  return withCounter(text, action);
}

/** As `withProgress`, with a count of what is done. */
export async function withCounter<Result>(
  text: string,
  action: (onProgress: (done: number, all: number) => void) => Promise<Result>,
): Promise<Result> {
  if (!process.stderr.isTTY || !process.stderr.columns) return action(() => {});
  const {default: ora} = await import('ora');
  // Left alone, Ctrl-C stays a signal of the terminal, for the executor as well.
  const spinner = ora({text, stream: process.stderr, discardStdin: false}).start();
  try {
    return await action((done, all) => {
      spinner.text = `${text}: ${done} of ${all}`;
    });
  } finally {
    spinner.stop();
  }
}
