"""Who is in memory, since when, until when: components, leases, hosts and the keeper."""
