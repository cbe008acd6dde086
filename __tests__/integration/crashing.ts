/** An ELF file of one instruction or two, which read from address 0. */
function crashing(machine: number, code: readonly number[]): Buffer {
  const [base, head] = [0x400000, 120];
  const file = Buffer.alloc(head + code.length);
  file.write('\x7fELF\x02\x01\x01', 'latin1');
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(machine, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(base + head), 24);
  file.writeBigUInt64LE(64n, 32);
  for (const [at, size] of [64, 56, 1].entries()) file.writeUInt16LE(size, 52 + 2 * at);
  // One segment, loaded to be read and executed.
  file.writeUInt32LE(1, 64);
  file.writeUInt32LE(5, 68);
  file.writeBigUInt64LE(BigInt(base), 80);
  file.writeBigUInt64LE(BigInt(base), 88);
  file.writeBigUInt64LE(BigInt(file.length), 96);
  file.writeBigUInt64LE(BigInt(file.length), 104);
  file.writeBigUInt64LE(0x1000n, 112);
  file.set(code, head);
  return file;
}

/** Programs that end by SIGSEGV at once, by architecture. */
export const CRASHES = {
  amd64: crashing(62, [0x31, 0xc0, 0x8b, 0x00]),
  arm64: crashing(183, [0x00, 0x00, 0x80, 0xd2, 0x00, 0x00, 0x40, 0xf9]),
};
