"""One module for each client library, the only places that import it; `coodie_drivers.loading` picks among them."""
