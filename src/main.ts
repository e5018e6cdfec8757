import { startProcess } from './boot/process.js';

process.exitCode = await startProcess(process.env, process.argv.slice(2));
