"""What a spam filter of the operator's makes of a message: SpamAssassin or rspamd, where SPAM_CHECK_URL names one."""
