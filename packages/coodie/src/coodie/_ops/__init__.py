"""What the verbs do, one generator each: requests out, replies in, the answer at the end. Nothing here does I/O."""
