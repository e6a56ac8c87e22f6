/** What the bundler makes of a Wasm file that is imported. */
declare module '*.wasm' {
  const bytes: Uint8Array;
  export default bytes;
}
