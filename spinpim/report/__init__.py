"""Results as a folder: summary, data file and one-page report; and the tables of the command line."""
