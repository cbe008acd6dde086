import TestRunner from 'jest-runner';

/** Runs one suite after the other, whatever the number of workers. */
export default class SerialRunner extends TestRunner {
  isSerial = true;
}
