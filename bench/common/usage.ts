// Loaded into every measured process before its own code: says over the channel what the process has used so far.
process.on('message', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  process.send?.({ peak_mb: maxRSS / 1024, cpu_s: (userCPUTime + systemCPUTime) / 1e6 });
});
// Listening keeps a process running; being measured must not.
process.channel?.unref();
// Whoever measured is gone.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
