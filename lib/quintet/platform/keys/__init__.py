"""Keys under the user's control: one master key in many slots, one data key for each group."""
