"""A whole simulated day, which takes minutes to live: `make test-day`."""
