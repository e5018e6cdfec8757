import { startSandbox } from '../../src/sandbox/sandbox.js';

const [stateFile = ''] = process.argv.slice(2);
const { port } = await startSandbox({ port: 0, stateFile, seed: 3 });
process.stdout.write(`${port}\n`);
