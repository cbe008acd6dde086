/*
 * Engines, disks, networks and emulators of a test's own can be made by root alone.
 * For anybody else scripts/run.sh leaves out, in words, the suites that come here.
 */
if (process.getuid?.() !== 0) {
  throw new Error('This suite makes engines, disks or emulators of its own; run it as root.');
}
