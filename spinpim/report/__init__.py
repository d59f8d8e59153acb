"""Results as a folder: summary, data file, one-page report."""
