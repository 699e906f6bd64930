"""Page models: what each template is given, as frozen dataclasses without queries.

Points are in smallest parts of `unit`, money in minor units of `currency`, dates are the program's
days. One file for each word of the navigation. Nothing here raises.
"""
