"""A comparison as a page with figures and tables, as JSON, and as a ledger in CSV."""
