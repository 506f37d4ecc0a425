"""Asyncio input and output behind two protocols (`ports`); no driver imports another."""
