"""Does a metric measure what it says: its separation of right from wrong, its response to damage, its spread over seeds."""
