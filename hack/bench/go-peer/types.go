// The kinds as kubebuilder would write them: of the fields only those that this operator reads or writes.
package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var groupVersion = schema.GroupVersion{Group: "m365-operator.io", Version: "v1alpha1"}

type Reference struct {
	Name string `json:"name"`
}

type M365UserSpec struct {
	TenantRef         Reference `json:"tenantRef"`
	UserPrincipalName string    `json:"userPrincipalName"`
	DisplayName       string    `json:"displayName"`
	GivenName         string    `json:"givenName,omitempty"`
	Surname           string    `json:"surname,omitempty"`
	JobTitle          string    `json:"jobTitle,omitempty"`
	Department        string    `json:"department,omitempty"`
	UsageLocation     string    `json:"usageLocation,omitempty"`
	Plan              string    `json:"plan,omitempty"`
}

type M365UserStatus struct {
	ObservedGeneration int64              `json:"observedGeneration,omitempty"`
	EntraID            string             `json:"entraId,omitempty"`
	Licenses           []string           `json:"licenses,omitempty"`
	Conditions         []metav1.Condition `json:"conditions,omitempty"`
}

type M365User struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              M365UserSpec   `json:"spec"`
	Status            M365UserStatus `json:"status,omitempty"`
}

type M365UserList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []M365User `json:"items"`
}

type Plan struct {
	Name                 string   `json:"name"`
	Pools                []string `json:"pools"`
	DisabledServicePlans []string `json:"disabledServicePlans,omitempty"`
}

type M365Tenant struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              struct {
		Plans []Plan `json:"plans,omitempty"`
	} `json:"spec"`
	Status struct {
		TenantID string `json:"tenantId,omitempty"`
	} `json:"status,omitempty"`
}

type M365TenantList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []M365Tenant `json:"items"`
}

func (in *M365User) DeepCopyObject() runtime.Object {
	out := *in
	in.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	out.Status.Licenses = append([]string(nil), in.Status.Licenses...)
	out.Status.Conditions = append([]metav1.Condition(nil), in.Status.Conditions...)
	return &out
}

func (in *M365UserList) DeepCopyObject() runtime.Object {
	out := *in
	in.ListMeta.DeepCopyInto(&out.ListMeta)
	out.Items = make([]M365User, len(in.Items))
	for i := range in.Items {
		out.Items[i] = *in.Items[i].DeepCopyObject().(*M365User)
	}
	return &out
}

func (in *M365Tenant) DeepCopyObject() runtime.Object {
	out := *in
	in.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	out.Spec.Plans = make([]Plan, len(in.Spec.Plans))
	for i, plan := range in.Spec.Plans {
		plan.Pools = append([]string(nil), plan.Pools...)
		plan.DisabledServicePlans = append([]string(nil), plan.DisabledServicePlans...)
		out.Spec.Plans[i] = plan
	}
	return &out
}

func (in *M365TenantList) DeepCopyObject() runtime.Object {
	out := *in
	in.ListMeta.DeepCopyInto(&out.ListMeta)
	out.Items = make([]M365Tenant, len(in.Items))
	for i := range in.Items {
		out.Items[i] = *in.Items[i].DeepCopyObject().(*M365Tenant)
	}
	return &out
}

func addToScheme(scheme *runtime.Scheme) {
	scheme.AddKnownTypes(groupVersion, &M365User{}, &M365UserList{}, &M365Tenant{}, &M365TenantList{})
	metav1.AddToGroupVersion(scheme, groupVersion)
}
