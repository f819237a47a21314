export { library as tLibrary } from "./en/library";
