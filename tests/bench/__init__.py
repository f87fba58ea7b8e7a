"""Benchmarks of the product's own routes; run by hand, never collected by pytest."""
