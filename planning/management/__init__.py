"""What planning does from the shell."""
