"""Findings in the formats of other tools. Each module returns the text in one format.

sarif      SARIF 2.1.0, for code scanning
github     lines that GitHub Actions shows at the lines of a change
junit      JUnit XML, a suite for each part
json       the complete gate result, for programs
markdown   a job summary or the text for a merge request
mermaid    the graph of a state machine in Markdown
"""
