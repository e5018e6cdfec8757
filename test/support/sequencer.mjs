import Sequencer from '@jest/test-sequencer';

/** What starts processes comes first: while it waits for them, the rest has the processor. */
export default class ProcessesFirst extends Sequencer {
  async sort(tests) {
    const sorted = await super.sort(tests);
    const starts = ({ path }) => /[\\/]test[\\/]process[\\/]/.test(path);
    return [...sorted.filter(starts), ...sorted.filter((test) => !starts(test))];
  }
}
