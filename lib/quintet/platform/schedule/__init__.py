"""Work at set times: rules, what is due, and what a cron or a service manager is given to call."""
