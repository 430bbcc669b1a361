"""Requests to the kernel, and the threads that answer them."""
