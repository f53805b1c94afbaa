"""A demo workspace with real data: contacts from a CSV file, a campaign to the sandbox, opens and clicks through the
public pages."""
