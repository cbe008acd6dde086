/** The project descriptor that pack looks for in the application's folder. */
export const DESCRIPTOR = 'project.toml';
