"""Connections to real servers, which end them when they have been idle for some seconds.

A POST that meets such an end on its way is lost: the client cannot know whether it was carried out.
So the proxy has to be the first to end an idle connection."""
