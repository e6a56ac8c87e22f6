/* Read before the runtime of wasm2c, for which a trap is to end the process. */
void core_trapped(int trap);
