/** What functions of the tests that run in the page use of it; else the tests have Node's types. */

declare class DataTransfer {
  readonly items: {add(file: File): void};
}

declare class DragEvent extends Event {
  constructor(type: string, init: {dataTransfer: DataTransfer});
}

declare const window: EventTarget;
