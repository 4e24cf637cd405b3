"""Things that go wrong, one fixture each; what they break is real until then."""
