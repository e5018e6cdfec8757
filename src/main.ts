import { startProcess } from './boot/process.js';

process.exitCode = await startProcess(process.env, process.argv.slice(2));
// Everything is closed by now. What a library has left open must not keep the process from ending.
setTimeout(() => process.exit(), 500).unref();
