"""What can be changed of a running engine: proposed, predicted from traffic, tried, and taken up again."""
