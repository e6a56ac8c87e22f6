/** lz4js has no types of its own. */
declare module 'lz4js' {
  const lz4: {
    /** Returns where the output ends. */
    decompressBlock(
      packed: Uint8Array,
      unpacked: Uint8Array,
      packedOffset: number,
      packedSize: number,
      unpackedOffset: number,
    ): number;
  };
  export default lz4;
}
