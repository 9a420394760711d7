"""The one client for the network: asks the egress rules first, bounded in every direction."""
