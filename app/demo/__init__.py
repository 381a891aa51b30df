"""A fictitious world to try Vigie on: feeds, faults and a mailbox, all on the loopback."""
