"""The kernel's side of the conversation: requests, and the threads that answer them."""
