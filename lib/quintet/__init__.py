"""Five engines behind one record of what was done and why."""
