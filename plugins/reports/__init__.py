"""What a run leaves behind: terminal, JUnit, HTML, JSON and Markdown, all from the same conclusion."""
