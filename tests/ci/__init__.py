"""The jobs for GitHub, GitLab and pre-commit, run as those run them."""
