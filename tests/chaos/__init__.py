"""Kills, restarts, lost replies, races: a campaign under attack, and an oracle that compares the server's log with the
database. `bin/chaos` runs it at any size, the tests at a small one."""
