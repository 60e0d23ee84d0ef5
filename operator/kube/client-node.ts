/** The one thing of the package that is used at run time: a module of its own, so that a bundle leaves out the rest. */
export { KubeConfig } from '@kubernetes/client-node';
