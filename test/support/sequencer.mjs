import Sequencer from '@jest/test-sequencer';

/** What starts processes comes first: while it waits for them, the rest has the processor. */
export default class ProcessesFirst extends Sequencer {
  sort(tests) {
    const rest = super.sort(tests);
    return [...rest.filter(startsProcesses), ...rest.filter((test) => !startsProcesses(test))];
  }
}

function startsProcesses({ path }) {
  return /[\\/]test[\\/]process[\\/]/.test(path);
}
