"""Everything that starts, keeps alive, stops and inspects the processes of the product."""
