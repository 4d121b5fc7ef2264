"""Parts of the page Exports, and the button that other pages have."""
