"""Finding, starting, watching and stopping the programs CCM Flow needs beside itself."""
