"""What happened in a run, as a tree of spans: commands, model calls, tools, subprocesses."""
