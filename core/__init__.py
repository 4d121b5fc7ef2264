"""The product's domain: everything that decides, none of what draws."""
