"""A Google Calendar and Google OAuth that runs on one machine, close enough that any Google client works against it.

Start at `state.Google`: a state machine without I/O, wall clock or threads; `Google.handle` takes one request and gives
one answer, `Google.due_notifications` gives the push messages that are due. `http.create_app` is its thin shell,
`server.RunningSimulator` runs both on a free loopback port, `person.Person` acts as somebody in Google's own pages.
"""
